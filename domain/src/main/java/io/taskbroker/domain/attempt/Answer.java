package io.taskbroker.domain.attempt;

import java.time.Duration;

/**
 * What became of {@link News}.
 *
 * @param granted of an extension that was recorded: the time that the worker has from now on
 */
public record Answer(Verdict verdict, Duration granted) {
  public static final Answer RECORDED = new Answer(Verdict.RECORDED, Duration.ZERO);
  public static final Answer ALREADY_OVER = new Answer(Verdict.ALREADY_OVER, Duration.ZERO);
  public static final Answer UNKNOWN = new Answer(Verdict.UNKNOWN, Duration.ZERO);
  public static final Answer SUPERSEDED = new Answer(Verdict.SUPERSEDED, Duration.ZERO);

  /** Which of the answers it is. */
  public enum Verdict {
    RECORDED,
    /** The activation had an outcome before. */
    ALREADY_OVER,
    /** No such activation is stored. */
    UNKNOWN,
    /** The attempt is not the activation's latest, or has lost it; nothing has changed. */
    SUPERSEDED
  }

  /** An extension was recorded. */
  public static Answer granted(Duration time) {
    return new Answer(Verdict.RECORDED, time);
  }
}
