package io.taskbroker.adapters.http.admin;

import java.io.Serial;

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

  int status() {
    return status;
  }

  String detail() {
    return String.valueOf(getMessage());
  }
}
