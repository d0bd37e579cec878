package io.taskbroker.adapters.http.brokers;

import io.taskbroker.adapters.http.brokers.Call.Verb;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The answers of several brokers to one call, as one answer.
 *
 * <p>Lists become one list, and each of their rows has the name of its {@code broker}. Numbers are
 * added up. Of ages the greatest counts. A flag is true if it is true at every broker. Of anything
 * else the first one is taken. The list {@code brokers} has what each broker said besides its
 * lists, or why it said nothing.
 */
public final class Together {
  private static final int MULTI_STATUS = 207;
  private static final int BAD_GATEWAY = 502;
  private static final int OK = 200;

  /** Members that say where a list goes on. */
  private static final List<String> CURSORS = List.of("next", "last");

  /** Members whose own members have names that producers chose: ours is not put among them. */
  private static final Set<String> OF_PRODUCERS = Set.of("headers");

  private static final String IS_LAST = "is_last";

  private final Verb verb;
  private final SequencedMap<String, Reply> replies;
  private final boolean anyDone;

  Together(Verb verb, Map<String, Reply> replies) {
    this.verb = verb;
    this.replies = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(replies));
    this.anyDone = replies.values().stream().anyMatch(Reply::isDone);
  }

  public Map<String, Reply> replies() {
    return replies;
  }

  public boolean isOrder() {
    return verb == Verb.POST;
  }

  /** Whether at least one broker did what was asked. */
  public boolean isDone() {
    return anyDone;
  }

  /**
   * Whether this reply is a failure. A broker that has nothing of the kind is none where another
   * one has: the task that was to be cancelled is with that one.
   */
  public boolean isFailure(Reply reply) {
    return !reply.isDone() && !(anyDone && reply.isNothing());
  }

  private boolean anyFailed() {
    return replies.values().stream().anyMatch(this::isFailure);
  }

  /**
   * Of HTTP: 200 for a look that one broker at least has answered; 207 for an order that failed
   * somewhere; if nobody did it, what the first said that said anything.
   */
  public int status() {
    if (anyDone) {
      return isOrder() && anyFailed() ? MULTI_STATUS : OK;
    }
    return replies.values().stream()
        .map(Reply::status)
        .filter(status -> status != 0)
        .findFirst()
        .orElse(BAD_GATEWAY);
  }

  /** Why nobody did it; names the brokers where there are several. */
  public String detail() {
    return replies.size() == 1
        ? replies.firstEntry().getValue().detail()
        : replies.entrySet().stream()
            .map(one -> one.getKey() + ": " + one.getValue().detail())
            .collect(Collectors.joining("; "));
  }

  // ---------------------------------------------------------------- the body

  /** The one answer. */
  public Map<String, Object> body() {
    Map<String, Object> whole = new LinkedHashMap<>();
    List<Map<String, Object>> brokers = new ArrayList<>();
    replies.forEach(
        (broker, reply) -> {
          Map<String, Object> own = new LinkedHashMap<>();
          own.put("broker", broker);
          own.put("status", reply.status());
          if (reply.isDone()) {
            reply.body().forEach((name, value) -> add(whole, own, name, value));
          } else {
            own.put("detail", reply.detail());
          }
          brokers.add(own);
        });
    for (String name : CURSORS) {
      cursor(name).ifPresentOrElse(text -> whole.put(name, text), () -> whole.remove(name));
    }
    whole.replaceAll(Rows::inOrder);
    whole.put("brokers", brokers);
    return whole;
  }

  private static void add(
      Map<String, Object> whole, Map<String, Object> own, String name, @Nullable Object value) {
    Object before = whole.get(name);
    switch (value) {
      case null -> {}
      case List<?> rows ->
          whole.put(name, Rows.joined(before, rows, String.valueOf(own.get("broker"))));
      case Map<?, ?> members when !Rows.areNumbers(members) -> {
        own.put(name, members);
        whole.putIfAbsent(
            name,
            OF_PRODUCERS.contains(name)
                ? members
                : Rows.named(members, String.valueOf(own.get("broker"))));
      }
      default -> {
        own.put(name, value);
        whole.put(name, before == null ? value : Rows.sum(name, before, value));
      }
    }
  }

  /** Where the list goes on in those brokers that have more. */
  private Optional<String> cursor(String name) {
    Map<String, Object> byBroker = new LinkedHashMap<>();
    replies.forEach(
        (broker, reply) -> {
          Object there = reply.isDone() ? reply.body().get(name) : null;
          if (there != null && !Boolean.TRUE.equals(reply.body().get(IS_LAST))) {
            byBroker.put(broker, there);
          }
        });
    return byBroker.isEmpty() ? Optional.empty() : Optional.of(Cursors.text(byBroker));
  }
}
