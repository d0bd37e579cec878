package io.taskbroker.proving.chaos;

import io.taskbroker.workload.ledger.Account;
import io.taskbroker.workload.ledger.Ledger;
import io.taskbroker.workload.ledger.Repeat;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What became of the tasks.
 *
 * @param account all sums
 * @param lost tasks whose end nobody has seen, of kinds that must have one
 * @param inDoubt at-most-once tasks that failed in doubt, by kind: nobody saw their end
 * @param complaints how often something was wrong with what was handed out
 * @param wrong what must not have happened, in words
 */
record Fates(Account account, long lost, String inDoubt, int complaints, List<String> wrong) {
  Fates {
    wrong = List.copyOf(wrong);
  }

  static Fates of(Ledger ledger) {
    List<String> wrong = new ArrayList<>(ledger.unexplained());
    wrong.addAll(ledger.complaints());
    long lost = unended(ledger);
    Load.ENDING.stream()
        .flatMap(kind -> ledger.unended(kind).stream())
        .forEach(course -> wrong.add("lost: " + course));
    Account account = ledger.account();
    return new Fates(account, lost, inDoubt(ledger), ledger.complaints().size(), wrong);
  }

  /** How many tasks have not ended of which an end must be seen. */
  static long unended(Ledger ledger) {
    return Load.ENDING.stream().mapToLong(ledger::unfinished).sum();
  }

  /** For people: how many at-most-once tasks of each kind failed in doubt. */
  private static String inDoubt(Ledger ledger) {
    return Load.IN_DOUBT.stream()
        .map(kind -> kind.taskname() + "=" + ledger.unfinished(kind))
        .collect(Collectors.joining(" "));
  }

  long times(Repeat cause) {
    return account.repeated().getOrDefault(cause, 0L);
  }
}
