package io.taskbroker.application.operations;

import org.jspecify.annotations.Nullable;

/**
 * Something that is logged in another way than the configuration says, for the time being.
 *
 * @param level off, error, warn, info, debug or trace
 * @param target with which the names of the loggers begin that it is about; empty for all that have
 *     no level of their own
 * @param by who has ordered it
 * @param reason why, in that person's words; may be empty
 * @param sinceMs Unix milliseconds
 * @param untilMs when it ends by itself, Unix milliseconds; null if it does not
 */
public record LogChange(
    String level, String target, String by, String reason, long sinceMs, @Nullable Long untilMs) {
  /** Whether it has ended by itself. */
  public boolean isOver(long nowMs) {
    return untilMs != null && untilMs <= nowMs;
  }

  /** For people, such as {@code log taskbroker::store at debug}. */
  public String words() {
    return "log %s at %s".formatted(target.isEmpty() ? "all" : target, level);
  }
}
