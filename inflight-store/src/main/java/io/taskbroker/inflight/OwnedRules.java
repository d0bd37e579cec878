package io.taskbroker.inflight;

import io.taskbroker.application.rules.RulesStore;
import io.taskbroker.application.store.StoreCall;
import java.util.Collection;
import java.util.List;
import java.util.Set;

/** The owned store, as the operator's rules see it. */
final class OwnedRules implements RulesStore {
  private final CommandSender sender;
  private final Journal journal;

  OwnedRules(CommandSender sender, Journal journal) {
    this.sender = sender;
    this.journal = journal;
  }

  @Override
  public List<Long> keysOf(Set<String> tasknames) {
    return sender.ask((engine, _) -> engine.keysOf(tasknames));
  }

  @Override
  public Payloads payloadsOf(List<Long> keys) {
    List<Long> wanted = keys.stream().limit(Payloads.MOST_ROWS).toList();
    return sender.ask(
        (engine, _) -> {
          int rows = engine.countWithin(wanted, Payloads.MOST_BYTES);
          return new Payloads(rows, journal.payloads(wanted.subList(0, rows)));
        });
  }

  @Override
  public int drop(Collection<Long> keys) {
    List<Long> dropped = List.copyOf(keys);
    return sender.ask(StoreCall.DROP, (engine, _) -> engine.drop(dropped));
  }

  @Override
  public int demote(Set<String> namespaces, int limit) {
    return sender.ask((engine, now) -> engine.claims().demote(namespaces, limit, now));
  }
}
