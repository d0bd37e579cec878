package io.taskbroker.settings;

import io.taskbroker.adapters.http.admin.AdminRole;
import io.taskbroker.adapters.http.admin.AdminSettings;
import io.taskbroker.adapters.http.admin.AdminToken;
import io.taskbroker.adapters.http.admin.KnownBrokers;
import io.taskbroker.settings.reading.NumberTypes;
import io.taskbroker.settings.reading.Setting;
import io.taskbroker.settings.reading.TextTypes;
import io.taskbroker.settings.reading.Type;
import io.taskbroker.settings.reading.Values;
import java.net.URI;
import java.net.URISyntaxException;
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
          .means("Where the admin API is served.");
  static final Setting<Integer> PORT =
      Setting.of("admin.port", NumberTypes.between(0, 65_535), 0)
          .means("The port of `admin.addr`; 0 for no admin API.");
  static final Setting<Boolean> TLS =
      Setting.of("admin.tls", Type.FLAG, false)
          .means(
              "Whether `admin.port` speaks TLS, with grpc_tls_certificate and grpc_tls_key, and no"
                  + " plain text. Its clients show tokens, and no certificates.");
  static final Setting<Integer> MAX_CONNECTIONS =
      Setting.of("admin.max_connections", NumberTypes.between(8, 65_535), 256)
          .means(
              "Most connections to `admin.port` at a time. A new one is always let in: when there"
                  + " are as many, the one that has waited longest is closed.");
  static final Setting<Map<String, String>> TOKENS =
      Setting.of("admin.tokens", TextTypes.TEXT_BY_NAME, Map.<String, String>of())
          .secret()
          .must(
              "have 'ROLE:TOKEN' for each name, with the role viewer, operator or admin, and a"
                  + " token of"
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
              "What may be done from this machine without a token. Set it to none where other"
                  + " people or a proxy use the same machine.");
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

  static final Setting<String> NAME =
      Setting.of("admin.name", TextTypes.TEXT, KnownBrokers.NONE.own())
          .must("have a name", name -> !name.isBlank())
          .means("What this broker is called where several are shown together.");
  static final Setting<Map<String, String>> BROKERS =
      Setting.of("admin.brokers", TextTypes.TEXT_BY_NAME, Map.<String, String>of())
          .must(
              "have the address of an admin API for each name, such as http://10.0.0.7:8081",
              brokers -> brokers.entrySet().stream().allMatch(AdminKeys::isAddress))
          .must(
              "have at most %d brokers".formatted(KnownBrokers.MOST),
              brokers -> brokers.size() <= KnownBrokers.MOST)
          .means(
              "Brokers whose admin API is shown together with this one's, and gets the orders that"
                  + " are given here: `{b: \"http://10.0.0.7:8081\"}`. `admin.name` may be among"
                  + " them.");
  static final Setting<Map<String, String>> BROKER_TOKENS =
      Setting.of("admin.broker_tokens", TextTypes.TEXT_BY_NAME, Map.<String, String>of())
          .secret()
          .must(
              "have a token for each name, without blanks",
              tokens -> tokens.values().stream().allMatch(AdminKeys::isSendable))
          .means(
              "What is shown to the brokers of `admin.brokers`, by their names: one of the"
                  + " `admin.tokens` there, without its role.");

  static final List<Setting<?>> ALL =
      List.of(
          ADDRESS,
          PORT,
          TLS,
          MAX_CONNECTIONS,
          TOKENS,
          WITHOUT_TOKEN,
          HOSTS,
          ARGUMENTS,
          NAME,
          BROKERS,
          BROKER_TOKENS);

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

  private static boolean isAddress(Map.Entry<String, String> broker) {
    try {
      URI address = new URI(broker.getValue());
      return !broker.getKey().isBlank()
          && Stream.of("http", "https").anyMatch(scheme -> scheme.equals(address.getScheme()))
          && address.getHost() != null
          && address.getUserInfo() == null
          && address.getQuery() == null
          && address.getFragment() == null;
    } catch (URISyntaxException _) {
      return false;
    }
  }

  private static boolean isSendable(String token) {
    return !token.isEmpty() && token.chars().allMatch(letter -> letter > ' ' && letter < 127);
  }

  /** Those that are named, without this one. */
  private static KnownBrokers brokers(Values values) {
    String own = values.get(NAME);
    Map<String, String> tokens = values.get(BROKER_TOKENS);
    Map<String, String> addresses = values.get(BROKERS);
    tokens.keySet().stream()
        .filter(name -> !addresses.containsKey(name))
        .findFirst()
        .ifPresent(
            name -> {
              throw new IllegalArgumentException(
                  "admin.broker_tokens: '%s' is none of admin.brokers".formatted(name));
            });
    return new KnownBrokers(
        own,
        addresses.entrySet().stream()
            .filter(broker -> !broker.getKey().equals(own))
            .map(
                broker ->
                    new KnownBrokers.Known(
                        broker.getKey(),
                        broker.getValue(),
                        Optional.ofNullable(tokens.get(broker.getKey()))))
            .toList());
  }

  /**
   * Empty if there is no admin API.
   *
   * @throws IllegalArgumentException if it has to speak TLS, and has no certificate
   */
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
            values.get(ARGUMENTS).orElse(AdminRole.OPERATOR),
            brokers(values),
            new TlsRecords(values).admin(),
            AdminSettings.SHARING));
  }
}
