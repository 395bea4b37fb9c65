/** Something about the simulated cluster that a person can act on. The message is complete by itself. */
export class SimulatorError extends Error {
  override readonly name = "SimulatorError";

  constructor(message: string) {
    super(message);
    // A person reads this; where in our code it was thrown does not help.
    this.stack = message;
  }
}
