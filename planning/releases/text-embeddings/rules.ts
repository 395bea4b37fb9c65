/** Our own rules for encoders on processors. Each number has its one home here. */

/** The file that is read and the numbers made of it are in memory at once while a pod starts. */
export const weightsCopies = 2;
/** Libraries, and requests with their answers. */
export const processGiB = 1;
/** Scores, what softmax makes of them, and the mask of shorter texts, which Candle spreads over all heads. */
export const scoreCopies = 3;
/** Vectors as wide as the model that live at once in a layer: input, queries, keys, values, their result, output, norm, residual. */
export const widthsPerToken = 8;
/** CPU for each worker that tokenises: it takes little beside the model, and every worker has a copy of the tokenizer. */
export const cpuPerTokenizer = 4;

/** Tokens of a text where no route says any: texts are searched in chunks of about so many. */
export const usualText = 512;
/** Seconds within which one request alone is answered, where no route promises anything. */
export const usualAnswer = 1;
/** Of what a route promises, what one request alone may take: the rest is waiting. */
export const shareOfPromise = 0.5;
/** Share of its time that a pod works at the most where no route promises anything: beyond it waiting grows quickly. */
export const mostUtilization = 0.7;
/** Texts that wait, at the least and at the most. The most is the engine's own default. */
export const concurrency = { least: 8, most: 512 } as const;
/** Pods of one release at the most. */
export const mostPods = 1000;
/** A probe waits for the batch that is computed and its own; twice the largest batch, and never below the usual. */
export const leastProbeTimeout = 5;
export const probeBatches = 2;

/** What is written to disk beside the weights, in GiB. */
export const disk = { tmpGiB: 1, logsGiB: 1, downloadSlack: 1.1 } as const;
