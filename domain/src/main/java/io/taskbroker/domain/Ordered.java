package io.taskbroker.domain;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Copies that nobody can change and that are walked through in a known order. {@link Map#copyOf}
 * and {@link Set#copyOf} have another order in each process, so a decision that walks through them
 * cannot be repeated.
 */
public final class Ordered {
  private Ordered() {}

  /** In the order of the original. */
  public static <K, V> Map<K, V> copyOf(Map<K, V> original) {
    return original.isEmpty()
        ? Map.of()
        : Collections.unmodifiableMap(new LinkedHashMap<>(original));
  }

  /** In the order of the original. */
  public static <E> Set<E> copyOf(Collection<E> original) {
    return original.isEmpty()
        ? Set.of()
        : Collections.unmodifiableSet(new LinkedHashSet<>(original));
  }

  /** In ascending order, whatever the order of the original. */
  public static <E extends Comparable<E>> SortedSet<E> sorted(Collection<E> original) {
    return Collections.unmodifiableSortedSet(new TreeSet<>(original));
  }
}
