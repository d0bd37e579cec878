package io.taskbroker.adapters.http.admin;

import org.eclipse.jetty.http.HttpMethod;

/**
 * One thing that can be asked for.
 *
 * @param role what it takes
 */
record Endpoint(HttpMethod method, String path, AdminRole role, Action action) {
  /** Carries a call out. */
  @FunctionalInterface
  interface Action {
    /**
     * @return the answer, as {@link Json} writes it
     * @throws Refusal if it is not carried out
     */
    Object carryOut(Actor actor, Fields said);
  }

  static Endpoint get(String path, Action action) {
    return new Endpoint(HttpMethod.GET, path, AdminRole.VIEWER, action);
  }

  static Endpoint post(String path, Action action) {
    return new Endpoint(HttpMethod.POST, path, AdminRole.OPERATOR, action);
  }
}
