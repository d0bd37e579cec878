package io.taskbroker.adapters.http.admin;

/**
 * What somebody shows who calls.
 *
 * @param name of that person or program, for the audit
 * @param secret at least {@value #SHORTEST} characters
 */
public record AdminToken(String name, AdminRole role, String secret) {
  /** Shorter ones can be guessed. */
  public static final int SHORTEST = 16;

  public AdminToken {
    if (name.isBlank()) {
      throw new IllegalArgumentException("a token needs the name of whoever has it");
    }
    if (secret.length() < SHORTEST) {
      throw new IllegalArgumentException(
          "the token of '%s' must have at least %d characters, had %d"
              .formatted(name, SHORTEST, secret.length()));
    }
  }

  /** Without the secret, so that no log line has it. */
  @Override
  public String toString() {
    return "token of %s (%s)".formatted(name, role.text());
  }
}
