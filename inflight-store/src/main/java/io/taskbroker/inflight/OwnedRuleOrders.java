package io.taskbroker.inflight;

import io.taskbroker.application.StoreException;
import io.taskbroker.application.rules.RuleOrderStore;
import io.taskbroker.inflight.engine.SharedOrders;
import java.util.Map;

/** The owned store, as it keeps operators' orders of rules. */
final class OwnedRuleOrders implements RuleOrderStore {
  private final CommandSender sender;
  private final SharedOrders shared;

  OwnedRuleOrders(CommandSender sender, SharedOrders shared) {
    this.sender = sender;
    this.shared = shared;
  }

  @Override
  public void keep(String name, String text) {
    boolean kept = sender.ask((engine, _) -> engine.keptOrders().keep(name, text, MOST));
    if (!kept) {
      throw new StoreException.Rejected(
          "There are %d orders of rules already; end some of them first".formatted(MOST));
    }
  }

  @Override
  public boolean forget(String name) {
    return sender.ask((engine, _) -> engine.keptOrders().forget(name));
  }

  @Override
  public Map<String, String> kept() {
    return sender.ask((engine, _) -> engine.keptOrders().all());
  }

  @Override
  public long changesByOthers() {
    return shared.keptByOthers();
  }
}
