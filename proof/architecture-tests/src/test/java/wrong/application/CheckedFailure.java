package wrong.application;

import java.io.Serial;

/** A failure that everybody has to name. */
final class CheckedFailure extends Exception {
  @Serial private static final long serialVersionUID = 1L;
}
