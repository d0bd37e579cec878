package wrong.application;

import java.io.Serial;

/** A failure that says nothing about what to do. */
final class LoneFailure extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;
}
