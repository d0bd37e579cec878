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

  /** One connection rests, while others of the application work. */
  record Rests(WorkerConnection connection, String reason) implements Word {}

  /** A connection that rested works again. */
  record Works(WorkerConnection connection) implements Word {}

  /** A connection that rested is gone. */
  record Gone(WorkerConnection connection) implements Word {}
}
