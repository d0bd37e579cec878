package io.taskbroker.application.operations;

import io.taskbroker.application.rules.RuleOrderStore;

/** A store, as operators have it before them. */
public interface OperatedStore {
  StoredTasks tasks();

  SteeringStore steering();

  RuleOrderStore ruleOrders();
}
