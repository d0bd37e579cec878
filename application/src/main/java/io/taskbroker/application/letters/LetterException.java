package io.taskbroker.application.letters;

import java.io.Serial;
import org.jspecify.annotations.Nullable;

/** Dead letters could not be read or handled. The subtype says what the caller can do about it. */
public abstract sealed class LetterException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private LetterException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /**
   * Kafka does not do it now, and the message says why. What was under way has been done as a whole
   * or not at all; the marks tell which.
   */
  public static final class Unavailable extends LetterException {
    @Serial private static final long serialVersionUID = 1L;

    public Unavailable(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** Kafka will never take one of these records. None of them was sent. */
  public static final class Refused extends LetterException {
    @Serial private static final long serialVersionUID = 1L;

    public Refused(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /** It does not go together with what is under way, and the message says what to do. */
  public static final class Conflict extends LetterException {
    @Serial private static final long serialVersionUID = 1L;

    public Conflict(String message) {
      super(message, null);
    }
  }

  /** Somebody else has taken the topic over, and nothing of this was done. */
  public static final class TakenOver extends LetterException {
    @Serial private static final long serialVersionUID = 1L;

    public TakenOver(Throwable cause) {
      super("another run of dead letters, perhaps with another broker, has taken over", cause);
    }
  }
}
