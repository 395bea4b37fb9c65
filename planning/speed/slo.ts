/** What a service promises. What is left out is not promised. */
export interface Slo {
  /** Seconds to the first token, for 95 of 100 requests. */
  readonly ttftP95Seconds?: number;
  /** Seconds between two tokens, for 95 of 100. */
  readonly interTokenP95Seconds?: number;
  /** Output tokens per second that one replica has to be able to deliver within the other limits. */
  readonly tokensPerSecondPerReplica?: number;
}
