package io.taskbroker.adapters.http.admin;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpStatus;
import org.jspecify.annotations.Nullable;

/**
 * For whom one broker asks another: the headers say who that is and what that person may do. They
 * only take rights away: with none of them the caller has all that its token gives.
 */
final class OnBehalf {
  private static final String ACTOR = "Taskbroker-Actor";
  private static final String ROLE = "Taskbroker-Role";

  /** Names the process that asks, so that a broker notices when it asks itself. */
  static final String ASKING = "Taskbroker-Asking";

  private static final int LONGEST_NAME = 200;

  private OnBehalf() {}

  static Map<String, String> headers(Actor actor, String asking) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(ACTOR, URLEncoder.encode(actor.name(), StandardCharsets.UTF_8));
    headers.put(ROLE, actor.role().text());
    headers.put(ASKING, asking);
    return headers;
  }

  /**
   * Who it is then: the audit has both names, and the lesser role counts.
   *
   * @param caller whose token was shown
   */
  static Actor of(Actor caller, HttpFields headers) {
    String name = headers.get(ACTOR);
    String role = headers.get(ROLE);
    if (name == null && role == null) {
      return caller;
    }
    AdminRole said =
        Stream.of(AdminRole.values())
            .filter(one -> one.text().equals(role))
            .findFirst()
            .orElseThrow(() -> wrong(ROLE));
    return new Actor(
        "%s through %s".formatted(name(name), caller.name()),
        caller.role().includes(said) ? said : caller.role());
  }

  private static String name(@Nullable String encoded) {
    try {
      String name = encoded == null ? "" : URLDecoder.decode(encoded, StandardCharsets.UTF_8);
      if (!name.isBlank()
          && name.length() <= LONGEST_NAME
          && name.chars().noneMatch(Character::isISOControl)) {
        return name;
      }
    } catch (IllegalArgumentException _) {
      // said below
    }
    throw wrong(ACTOR);
  }

  private static Refusal wrong(String header) {
    return new Refusal(
        HttpStatus.BAD_REQUEST_400,
        "The header %s is missing, or is not one that a broker sends".formatted(header));
  }
}
