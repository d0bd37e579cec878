package io.taskbroker.testkit.store;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.domain.attempt.Attempt;
import io.taskbroker.domain.attempt.Token;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The attempts that workers of a player have had, which they know also after the store has begun
 * anew. Two stores have other tokens for the same attempts, so they are found by their order.
 */
final class AttemptsInHand {
  private final Map<String, List<Long>> tokens = new HashMap<>();

  /**
   * An attempt at an activation.
   *
   * @param age 0 for the latest, 1 for the one before
   */
  record Name(String id, int age) {}

  void add(List<Delivered> delivered) {
    for (Delivered one : delivered) {
      tokens
          .computeIfAbsent(one.claim().activation().id(), _ -> new ArrayList<>())
          .add(one.claim().token());
    }
  }

  /** The attempt; with the token of none if there was no such one. */
  Attempt find(Name name) {
    List<Long> ofRow = tokens.getOrDefault(name.id(), List.of());
    return new Attempt(
        name.id(),
        name.age() < ofRow.size() ? ofRow.get(ofRow.size() - 1 - name.age()) : Token.NONE);
  }

  void clear() {
    tokens.clear();
  }
}
