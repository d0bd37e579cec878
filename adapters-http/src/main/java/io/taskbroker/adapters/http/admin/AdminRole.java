package io.taskbroker.adapters.http.admin;

import java.util.Locale;

/** What somebody may do; each role may do what the ones before it may. */
public enum AdminRole {
  /** Look, at everything but the arguments of tasks. */
  VIEWER,
  /** Also pause, and do something to tasks. */
  OPERATOR,
  /** Everything. */
  ADMIN;

  /** Whether this role may do all that {@code needed} may. */
  boolean includes(AdminRole needed) {
    return compareTo(needed) >= 0;
  }

  /** As it is written in configurations and answers. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
