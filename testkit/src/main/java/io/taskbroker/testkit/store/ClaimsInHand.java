package io.taskbroker.testkit.store;

import io.taskbroker.application.dispatch.DispatchStore.Delivered;
import io.taskbroker.domain.Claim;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a player has been handed, by the order in which each row was claimed. */
final class ClaimsInHand {
  private final Map<String, List<Claim>> claims = new HashMap<>();

  /** Takes them, and says what there is to say of each. */
  List<String> inWords(List<Delivered> delivered) {
    List<String> words = new ArrayList<>();
    for (Delivered one : delivered) {
      Claim claim = one.claim();
      claims.computeIfAbsent(claim.activation().id(), _ -> new ArrayList<>()).add(claim);
      words.add(
          "%s %d %s %s%s"
              .formatted(
                  claim.activation(),
                  claim.attempts(),
                  claim.retry(),
                  claim.hopeless(),
                  text(one.payload())));
    }
    return words;
  }

  /**
   * @param age 0 for the latest claim of the row, 1 for the one before
   * @return null if there is none
   */
  @Nullable Claim find(String id, int age) {
    List<Claim> ofRow = claims.getOrDefault(id, List.of());
    return age < ofRow.size() ? ofRow.get(ofRow.size() - 1 - age) : null;
  }

  void clear() {
    claims.clear();
  }

  static String text(byte[] payload) {
    return " " + new String(payload, StandardCharsets.UTF_8);
  }
}
