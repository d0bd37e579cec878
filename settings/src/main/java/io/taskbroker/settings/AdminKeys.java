package io.taskbroker.settings;

import io.taskbroker.adapters.http.admin.AdminRole;
import io.taskbroker.adapters.http.admin.AdminSettings;
import io.taskbroker.adapters.http.admin.AdminToken;
import io.taskbroker.settings.reading.NumberTypes;
import io.taskbroker.settings.reading.Setting;
import io.taskbroker.settings.reading.TextTypes;
import io.taskbroker.settings.reading.Type;
import io.taskbroker.settings.reading.Values;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** The side that operators talk to. */
final class AdminKeys {
  private static final String NOBODY = "none";

  static final Setting<String> ADDRESS =
      Setting.of("admin.addr", TextTypes.TEXT, "127.0.0.1")
          .must("name a host or address", address -> !address.isBlank())
          .means("Where the admin API is served, in plain text.");
  static final Setting<Integer> PORT =
      Setting.of("admin.port", NumberTypes.between(0, 65_535), 0)
          .means("The port of `admin.addr`; 0 for no admin API.");
  static final Setting<Integer> MAX_CONNECTIONS =
      Setting.of("admin.max_connections", NumberTypes.between(8, 65_535), 256)
          .means(
              "Most connections to `admin.port` at a time. A new one is always let in: when there are"
                  + " as many, the one that has waited longest is closed.");
  static final Setting<Map<String, String>> TOKENS =
      Setting.of("admin.tokens", TextTypes.TEXT_BY_NAME, Map.<String, String>of())
          .secret()
          .must(
              "have 'ROLE:TOKEN' for each name, with the role viewer, operator or admin, and a token of"
                  + " at least %d characters".formatted(AdminToken.SHORTEST),
              tokens -> tokens.entrySet().stream().allMatch(AdminKeys::isToken))
          .must(
              "have another token for each name",
              tokens ->
                  tokens.values().stream().map(AdminKeys::secretOf).distinct().count()
                      == tokens.size())
          .means(
              "Who may call from anywhere: `{ann: \"operator:TOKEN\"}`. The name is what the audit"
                  + " says; make a token with `openssl rand -hex 32`.");
  static final Setting<Optional<AdminRole>> WITHOUT_TOKEN =
      Setting.of(
              "admin.without_token",
              Type.oneOf(roles(NOBODY), AdminKeys::nameOf),
              Optional.of(AdminRole.VIEWER))
          .means(
              "What may be done from this machine without a token. Set it to none where other people or"
                  + " a proxy use the same machine.");
  static final Setting<List<String>> HOSTS =
      Setting.of("admin.hosts", TextTypes.TEXTS, List.<String>of())
          .means(
              "Further names under which the admin API may be asked for; its address and localhost"
                  + " always are.");
  static final Setting<Optional<AdminRole>> ARGUMENTS =
      Setting.of(
              "admin.arguments",
              Type.oneOf(roles(), AdminKeys::nameOf),
              Optional.of(AdminRole.OPERATOR))
          .means("The least role that sees the arguments of tasks.");

  static final List<Setting<?>> ALL =
      List.of(ADDRESS, PORT, MAX_CONNECTIONS, TOKENS, WITHOUT_TOKEN, HOSTS, ARGUMENTS);

  private AdminKeys() {}

  private static Map<String, Optional<AdminRole>> roles(String... nobody) {
    Map<String, Optional<AdminRole>> roles = new LinkedHashMap<>();
    Stream.of(nobody).forEach(name -> roles.put(name, Optional.empty()));
    Stream.of(AdminRole.values()).forEach(role -> roles.put(role.text(), Optional.of(role)));
    return roles;
  }

  private static Object nameOf(Optional<AdminRole> role) {
    return role.map(AdminRole::text).orElse(NOBODY);
  }

  private static boolean isToken(Map.Entry<String, String> token) {
    return !token.getKey().isBlank()
        && roleOf(token.getValue()).isPresent()
        && secretOf(token.getValue()).length() >= AdminToken.SHORTEST;
  }

  private static Optional<AdminRole> roleOf(String text) {
    return Stream.of(AdminRole.values())
        .filter(role -> text.startsWith(role.text() + ":"))
        .findFirst();
  }

  private static String secretOf(String text) {
    return text.substring(text.indexOf(':') + 1);
  }

  /** Empty if there is no admin API. */
  static Optional<AdminSettings> settings(Values values) {
    int port = values.get(PORT);
    if (port == 0) {
      return Optional.empty();
    }
    List<AdminToken> tokens = new ArrayList<>();
    values
        .get(TOKENS)
        .forEach(
            (name, text) ->
                roleOf(text)
                    .ifPresent(role -> tokens.add(new AdminToken(name, role, secretOf(text)))));
    return Optional.of(
        new AdminSettings(
            values.get(ADDRESS),
            port,
            values.get(MAX_CONNECTIONS),
            tokens,
            values.get(WITHOUT_TOKEN),
            values.get(HOSTS),
            values.get(ARGUMENTS).orElse(AdminRole.OPERATOR)));
  }
}
