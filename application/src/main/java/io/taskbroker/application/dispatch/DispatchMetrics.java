package io.taskbroker.application.dispatch;

import io.taskbroker.domain.Claim;
import io.taskbroker.domain.Conclusion;

/**
 * What handing out work and taking reports counts. Called on the store's and the callers' threads:
 * must be quick, must not block and must not throw.
 */
public interface DispatchMetrics {
  /** Counts nothing. */
  DispatchMetrics NONE = new DispatchMetrics() {};

  /** What became of a report. */
  enum Outcome {
    KNOWN,
    UNKNOWN,
    FAILED
  }

  /** A worker asked and got one, so many nanoseconds later. */
  default void got(long nanos) {}

  /** A worker that reported also asked, and was answered, with a task or without. */
  default void fetched(long nanos) {}

  /** This one went to a worker that asked, so many milliseconds after it was due. */
  default void handedOut(Claim claim, long waitedMs) {}

  /** A worker reports; what becomes of it is not known yet. */
  default void reported(Conclusion conclusion) {}

  /** A report that came alone has been dealt with. */
  default void concluded(Conclusion conclusion, Outcome outcome, long nanos) {}

  /** A batch of so many reports came in. */
  default void batchReceived(int reports) {}

  /** Of a batch, those with this conclusion have been written; {@code known} of them were known. */
  default void batchWritten(Conclusion conclusion, int reports, int known) {}

  /** A batch could not be written; it had so many reports with this conclusion. */
  default void batchFailed(Conclusion conclusion, int reports) {}

  /** A batch has been dealt with. */
  default void batchEnded(long nanos) {}
}
