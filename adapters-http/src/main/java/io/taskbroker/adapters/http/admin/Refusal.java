package io.taskbroker.adapters.http.admin;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.letters.LetterException;
import java.io.Serial;
import java.util.Optional;
import org.eclipse.jetty.http.HttpStatus;

/** A call that is answered with problem details (RFC 9457) instead of what was asked for. */
final class Refusal extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  private final int status;

  /**
   * @param detail a sentence for whoever calls: what was wrong, and what to do
   */
  Refusal(int status, String detail) {
    super(detail, null, false, false);
    this.status = status;
  }

  /** The refusal that this failure means; empty if it is a defect of ours. */
  static Optional<Refusal> of(RuntimeException failure) {
    return switch (failure) {
      case Refusal refusal -> Optional.of(refusal);
      case StoreException e ->
          Optional.of(new Refusal(statusOf(e), String.valueOf(e.getMessage())));
      case LetterException e ->
          Optional.of(new Refusal(statusOf(e), String.valueOf(e.getMessage())));
      default -> Optional.empty();
    };
  }

  private static int statusOf(StoreException failure) {
    return switch (failure) {
      case StoreException.Rejected _ -> HttpStatus.CONFLICT_409;
      case StoreException.Overloaded _,
          StoreException.Unavailable _,
          StoreException.Closed _,
          StoreException.RefusedRows _ ->
          HttpStatus.SERVICE_UNAVAILABLE_503;
    };
  }

  private static int statusOf(LetterException failure) {
    return switch (failure) {
      case LetterException.Conflict _ -> HttpStatus.CONFLICT_409;
      case LetterException.Unavailable _, LetterException.TakenOver _, LetterException.Refused _ ->
          HttpStatus.SERVICE_UNAVAILABLE_503;
    };
  }

  int status() {
    return status;
  }

  String detail() {
    return String.valueOf(getMessage());
  }
}
