package io.taskbroker.adapters.postgres;

/** A user of the database and its password, which is never printed. */
public record Login(String user, String password) {
  @Override
  public String toString() {
    return user + " with a password";
  }
}
