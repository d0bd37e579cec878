package io.taskbroker.application.store;

import io.taskbroker.application.dispatch.DispatchStore;
import io.taskbroker.application.exchange.AttemptStore;
import io.taskbroker.application.push.PushStore;

/** A store, as those have it before them who bring work to workers. */
public interface WorkedStore {
  DispatchStore dispatch();

  PushStore pushes();

  AttemptStore attempts();
}
