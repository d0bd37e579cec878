package io.taskbroker.testkit.store;

import io.taskbroker.application.dispatch.DispatchStore.Recipient;
import io.taskbroker.domain.Claim;

/** A worker of this name, who takes whatever comes and waits for nothing. */
public record NamedRecipient(@Override String worker) implements Recipient {
  @Override
  public boolean accepts(Claim claim) {
    return true;
  }
}
