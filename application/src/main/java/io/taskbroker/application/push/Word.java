package io.taskbroker.application.push;

import io.taskbroker.domain.Claim;

/** Something that people are told of one application's pushes. */
sealed interface Word extends Step {
  /** Nobody knows whether a worker has it. */
  record Unknown(Claim claim, WorkerConnection over, String reason) implements Word {}

  /** A worker failed to take it. */
  record Failed(Claim claim, WorkerConnection over, String reason) implements Word {}

  /** No connection takes anything. */
  record Standstill(String reason) implements Word {}

  /** Workers take tasks again. */
  record GoesOn() implements Word {}

  /** No connection may have at-most-once tasks. */
  record OnceWithheld(String reason) implements Word {}

  /** At-most-once tasks are sent again. */
  record OnceGoesOn() implements Word {}

  /**
   * Connections to one address rest, while others of the application work.
   *
   * @param resting how many
   * @param all connections to that address
   * @param reason why one of them rests
   */
  record Rests(String address, int resting, int all, String reason) implements Word {}

  /** No connection to this address rests any more. */
  record Works(String address) implements Word {}

  /** The last connection to this address that rested is gone. */
  record Gone(String address) implements Word {}
}
