package io.taskbroker.domain.rules;

import io.taskbroker.domain.Ordered;
import java.util.Set;

/**
 * Which arguments of a task the selectors ask for; the others need only be sound.
 *
 * @param positions from 0
 * @param names of keyword arguments
 * @param values the largest argument that is worth building, in values; a larger one equals none
 *     that a selector names
 * @param characters of the longest text that is worth building; a longer one equals none that a
 *     selector names
 */
public record Wanted(Set<Integer> positions, Set<String> names, int values, int characters) {
  public Wanted {
    positions = Ordered.copyOf(positions);
    names = Ordered.copyOf(names);
  }
}
