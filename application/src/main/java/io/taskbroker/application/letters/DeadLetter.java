package io.taskbroker.application.letters;

import org.jspecify.annotations.Nullable;

/**
 * A record of the dead-letter topic, without its payload.
 *
 * @param timeMs when it came into the topic; Unix milliseconds
 * @param names of its task; null if it is none
 * @param why the first line of its last error, or else of its reason; at most 200 characters
 * @param cause what it has in common with others that failed alike: the same, with a # in place of
 *     each number
 * @param source where its record came from; null if its headers do not say
 */
public record DeadLetter(
    LetterPosition at,
    long timeMs,
    LetterCodec.@Nullable Names names,
    String why,
    String cause,
    @Nullable Source source) {
  /** A topic, and a place in it. */
  public record Source(String topic, int partition, long offset) {}

  /** Whether all of the names given are its own. */
  boolean isOf(
      @Nullable String application, @Nullable String namespace, @Nullable String taskname) {
    return names == null
        ? application == null && namespace == null && taskname == null
        : is(application, names.application())
            && is(namespace, names.namespace())
            && is(taskname, names.taskname());
  }

  private static boolean is(@Nullable String wanted, String name) {
    return wanted == null || wanted.equals(name);
  }
}
