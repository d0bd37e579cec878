package io.taskbroker.adapters.postgres;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a connection needs besides a place and a login, as the reference takes it: the text of
 * {@code query_params}, {@code k=v&k2=v2}, on top of six variables of the environment. Prints no
 * value, since one may be a password.
 */
public final class ConnectionParameters {
  /** No parameters. */
  public static final ConnectionParameters NONE = new ConnectionParameters(Map.of(), Map.of());

  private static final Set<String> SSL_MODES =
      Set.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");

  /** By variable of the environment, the parameter that it stands for. */
  private static final Map<String, String> VARIABLES =
      Map.of(
          "PGSSLMODE", "sslmode",
          "PGSSLROOTCERT", "sslrootcert",
          "PGSSLCERT", "sslcert",
          "PGSSLKEY", "sslkey",
          "PGAPPNAME", "application_name",
          "PGOPTIONS", "options");

  /** Each of them, by each of its names. */
  private static final Map<String, String> NAMES =
      Map.ofEntries(
          Map.entry("sslmode", "sslmode"),
          Map.entry("ssl-mode", "sslmode"),
          Map.entry("sslrootcert", "sslrootcert"),
          Map.entry("ssl-root-cert", "sslrootcert"),
          Map.entry("ssl-ca", "sslrootcert"),
          Map.entry("sslcert", "sslcert"),
          Map.entry("ssl-cert", "sslcert"),
          Map.entry("sslkey", "sslkey"),
          Map.entry("ssl-key", "sslkey"),
          Map.entry("statement-cache-capacity", "statement-cache-capacity"),
          Map.entry("application_name", "application_name"),
          Map.entry("options", "options"),
          Map.entry("host", "host"),
          Map.entry("hostaddr", "host"),
          Map.entry("port", "port"),
          Map.entry("dbname", "dbname"),
          Map.entry("user", "user"),
          Map.entry("password", "password"));

  private static final String ONE_OPTION = "options[";

  private final Map<String, String> known;
  private final Map<String, String> unknown;

  private ConnectionParameters(Map<String, String> known, Map<String, String> unknown) {
    this.known = known;
    this.unknown = unknown;
  }

  /**
   * Reads them.
   *
   * @param text null for none
   * @throws IllegalArgumentException if the text is malformed, or a value is none that its
   *     parameter may have; the message names the parameter
   */
  public static ConnectionParameters parse(@Nullable String text) {
    Map<String, String> known = new LinkedHashMap<>();
    Map<String, String> unknown = new LinkedHashMap<>();
    List<String> options = new ArrayList<>();
    for (String pair : text == null || text.isBlank() ? new String[0] : text.strip().split("&")) {
      if (!pair.isEmpty()) {
        int equals = pair.indexOf('=');
        String name = decoded(equals < 0 ? pair : pair.substring(0, equals));
        if (equals < 0) {
          throw new IllegalArgumentException("parameter '%s' has no '='".formatted(name));
        }
        put(name, decoded(pair.substring(equals + 1)), known, unknown, options);
      }
    }
    if (!options.isEmpty()) {
      String before = known.get("options");
      known.put("options", (before == null ? "" : before + " ") + String.join(" ", options));
    }
    check(known);
    return new ConnectionParameters(known, unknown);
  }

  /**
   * These on top of what the environment says.
   *
   * @throws IllegalArgumentException if a variable has a value that its parameter cannot have
   */
  public ConnectionParameters over(Map<String, String> environment) {
    Map<String, String> both = new LinkedHashMap<>();
    VARIABLES.forEach(
        (variable, name) -> {
          String value = environment.get(variable);
          if (value != null && !value.isEmpty()) {
            both.put(name, value);
          }
        });
    both.putAll(known);
    check(both);
    return new ConnectionParameters(both, unknown);
  }

  private static void put(
      String name,
      String value,
      Map<String, String> known,
      Map<String, String> unknown,
      List<String> options) {
    if (name.startsWith(ONE_OPTION) && name.endsWith("]")) {
      String option = name.substring(ONE_OPTION.length(), name.length() - 1);
      options.add("-c " + option + "=" + value.replace("\\", "\\\\").replace(" ", "\\ "));
      return;
    }
    String canonical = NAMES.get(name);
    if (canonical == null) {
      unknown.put(name, value);
    } else {
      known.put(canonical, value);
    }
  }

  private static String decoded(String part) {
    try {
      // A plus is a plus here, as the reference has it; only percents are codes.
      return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("a percent sign is not followed by two hex digits", e);
    }
  }

  private static void check(Map<String, String> known) {
    String mode = known.get("sslmode");
    if (mode != null && !SSL_MODES.contains(mode.toLowerCase(Locale.ROOT))) {
      throw new IllegalArgumentException(
          "sslmode must be disable, allow, prefer, require, verify-ca or verify-full, was '%s'"
              .formatted(mode));
    }
    for (String name : List.of("port", "statement-cache-capacity")) {
      String number = known.get(name);
      if (number != null && !number.matches("\\d{1,5}")) {
        throw new IllegalArgumentException("%s must be a number, was '%s'".formatted(name, number));
      }
    }
  }

  /** The names that mean nothing here, for a warning. */
  public Set<String> unknownNames() {
    return unknown.keySet();
  }

  @Nullable String get(String name) {
    return known.get(name);
  }

  Login overriding(Login login) {
    return new Login(
        known.getOrDefault("user", login.user()), known.getOrDefault("password", login.password()));
  }

  PostgresPlace overriding(PostgresPlace place) {
    String port = known.get("port");
    return new PostgresPlace(
        known.getOrDefault("host", place.host()),
        port == null ? place.port() : Integer.parseInt(port),
        place.database(),
        place.defaultDatabase());
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ConnectionParameters that
        && known.equals(that.known)
        && unknown.equals(that.unknown);
  }

  @Override
  public int hashCode() {
    return known.hashCode();
  }

  @Override
  public String toString() {
    return "parameters " + known.keySet();
  }
}
