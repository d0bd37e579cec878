package io.taskbroker.application.operations;

/** A store, as operators have it before them. */
public interface OperatedStore {
  StoredTasks tasks();

  SteeringStore steering();
}
