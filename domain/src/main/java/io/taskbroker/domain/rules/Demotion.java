package io.taskbroker.domain.rules;

import io.taskbroker.domain.Ordered;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which namespaces leave for another topic, so that they do not stand in the way of the rest.
 *
 * @param topic null for the topic that the configuration names
 * @param cluster bootstrap address; null for the dead-letter topic's cluster
 */
public record Demotion(Set<String> namespaces, @Nullable String topic, @Nullable String cluster) {
  public static final Demotion NONE = new Demotion(Set.of(), null, null);

  public Demotion {
    namespaces = Ordered.copyOf(namespaces);
  }
}
