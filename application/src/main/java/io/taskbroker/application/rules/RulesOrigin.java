package io.taskbroker.application.rules;

import org.jspecify.annotations.Nullable;

/**
 * Where the rules in force come from.
 *
 * @param file null if there is none, and so no rule
 * @param sinceMs Unix milliseconds since when they are in force; null if none have been yet
 * @param trouble why what is written there now is not in force; null if it is
 */
public record RulesOrigin(@Nullable String file, @Nullable Long sinceMs, @Nullable String trouble) {
  public static final RulesOrigin NONE = new RulesOrigin(null, null, null);
}
