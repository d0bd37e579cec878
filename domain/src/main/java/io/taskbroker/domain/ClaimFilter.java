package io.taskbroker.domain;

import org.jspecify.annotations.Nullable;

/**
 * Which activations a worker will take.
 *
 * @param application null for any; the empty one is an application too
 * @param namespace null for any; only with an application, as namespaces of two applications may
 *     share a name
 */
public record ClaimFilter(@Nullable String application, @Nullable String namespace) {
  public static final ClaimFilter ANY = new ClaimFilter(null, null);

  public ClaimFilter {
    if (namespace != null && application == null) {
      throw new IllegalArgumentException("namespace '" + namespace + "' given without application");
    }
  }

  public boolean matches(Activation activation) {
    return (application == null || application.equals(activation.application()))
        && (namespace == null || namespace.equals(activation.namespace()));
  }
}
