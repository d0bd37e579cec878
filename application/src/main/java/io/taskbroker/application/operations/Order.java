package io.taskbroker.application.operations;

/**
 * Who orders something, and why.
 *
 * @param actor a name that other people know
 * @param reason in that person's words; may be empty
 */
public record Order(String actor, String reason) {
  public Order {
    if (actor.isBlank()) {
      throw new IllegalArgumentException("an order needs the name of whoever gives it");
    }
  }
}
