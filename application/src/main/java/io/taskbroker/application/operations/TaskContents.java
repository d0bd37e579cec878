package io.taskbroker.application.operations;

import io.taskbroker.domain.Ordered;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a producer wrote into a task, besides what the broker itself goes by.
 *
 * @param earlierTries before this task, which is then a retry
 * @param mostTries in all, the first included; 0 if that was not said
 * @param encoding of the arguments, in words
 * @param bytes that the arguments take as they were sent
 * @param arguments maps with texts as keys, lists, texts, numbers, booleans, {@code byte[]} and
 *     null; null if they are in {@code json}, or cannot be read
 * @param json the arguments of old producers
 * @param unreadable why the arguments cannot be shown; null if they can
 */
public record TaskContents(
    Map<String, String> headers,
    long earlierTries,
    long mostTries,
    String encoding,
    int bytes,
    @Nullable Object arguments,
    @Nullable String json,
    @Nullable String unreadable) {
  public TaskContents {
    headers = Ordered.copyOf(headers);
  }
}
