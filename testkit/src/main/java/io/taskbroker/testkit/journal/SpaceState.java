package io.taskbroker.testkit.journal;

import io.taskbroker.domain.ActivationState.Completed;
import io.taskbroker.domain.Moment;
import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.Custody;
import io.taskbroker.inflight.Custody.Beat;
import io.taskbroker.inflight.Custody.Free;
import io.taskbroker.inflight.Custody.Held;
import io.taskbroker.inflight.Custody.Kept;
import io.taskbroker.inflight.Custody.Silent;
import io.taskbroker.inflight.Elsewhere.Left;
import io.taskbroker.inflight.Elsewhere.Report;
import io.taskbroker.inflight.JournalException;
import io.taskbroker.inflight.JournalGroup;
import io.taskbroker.inflight.engine.StandingOrder;
import io.taskbroker.inflight.engine.StoredActivation;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What an {@link InMemorySpace} holds at one time; each method is one transaction. */
final class SpaceState {
  final JournalImage image = new JournalImage();

  /** Before the names of orders that are some broker's own. */
  private static final String OWN = "own/";

  private final Map<Partition, Keeper> custodies = new LinkedHashMap<>();
  private final Map<Long, Member> brokers = new TreeMap<>();
  private final TreeMap<Long, Left> reports = new TreeMap<>();
  private long lastBroker;
  private long lastKey;
  private long lastReport;

  /**
   * Who has a partition.
   *
   * @param broker null if nobody
   * @param freeSince when that began
   */
  private record Keeper(@Nullable Long broker, Moment freeSince, @Nullable Long wantedBy) {}

  /** One process that has the journal open. */
  private record Member(
      String name, long lastGroup, @Nullable String deposed, Moment beatAt, Set<String> topics) {}

  SpaceState copy() {
    SpaceState copy = new SpaceState();
    JournalImage rows = image.copy();
    copy.image.rows.putAll(rows.rows);
    copy.image.payloads.putAll(rows.payloads);
    copy.image.positions.putAll(rows.positions);
    copy.image.orders.putAll(rows.orders);
    copy.custodies.putAll(custodies);
    copy.brokers.putAll(brokers);
    copy.reports.putAll(reports);
    copy.lastBroker = lastBroker;
    copy.lastKey = lastKey;
    copy.lastReport = lastReport;
    return copy;
  }

  long join(String name, Moment now) {
    lastBroker++;
    brokers.put(lastBroker, new Member(name, 0, null, now, Set.of()));
    return lastBroker;
  }

  void leave(long broker, Moment now) {
    Member member = brokers.remove(broker);
    if (member != null && member.deposed() == null) {
      free(broker, now);
    }
  }

  private void free(long broker, Moment now) {
    custodies.replaceAll(
        (_, keeper) -> {
          Long wantedBy = isNumber(keeper.wantedBy(), broker) ? null : keeper.wantedBy();
          return isNumber(keeper.broker(), broker)
              ? new Keeper(null, now, wantedBy)
              : new Keeper(keeper.broker(), keeper.freeSince(), wantedBy);
        });
  }

  private static boolean isNumber(@Nullable Long one, long other) {
    return one != null && one == other;
  }

  private Member member(long broker) {
    Member member = brokers.get(broker);
    if (member == null) {
      throw new IllegalStateException("the journal is closed");
    }
    if (member.deposed() != null) {
      throw new JournalException.Deposed(member.deposed());
    }
    return member;
  }

  // ---------------------------------------------------------------- groups

  long lastGroup(long broker) {
    return member(broker).lastGroup();
  }

  void apply(long broker, JournalGroup group, Moment now) {
    Member member = member(broker);
    if (member.lastGroup() < group.number() - 1) {
      throw new JournalException.Outdated("groups after " + member.lastGroup() + " are lost", null);
    }
    if (member.lastGroup() >= group.number()) {
      throw new IllegalStateException("group " + group.number() + " is written already");
    }
    requireCustody(broker, group);
    refuseDuplicates(group);
    image.apply(group, order -> nameOf(order, member.name()));
    group.settledReports().forEach(report -> reports.remove(report.number()));
    for (Partition partition : group.givenUp()) {
      custodies.put(partition, new Keeper(null, now, null));
    }
    brokers.put(
        broker, new Member(member.name(), group.number(), null, member.beatAt(), member.topics()));
  }

  private void requireCustody(long broker, JournalGroup group) {
    Stream<StoredActivation> rows =
        Stream.concat(
            Stream.concat(group.changes().inserted().stream(), group.changes().updated().stream()),
            group.changes().deleted().stream().map(image.rows::get).filter(row -> row != null));
    Stream.of(
            rows.map(row -> row.activation().partition()),
            group.changes().positions().keySet().stream(),
            group.settledReports().stream().map(Left::partition),
            group.givenUp().stream())
        .flatMap(partitions -> partitions)
        .forEach(partition -> requireCustody(broker, partition));
  }

  private void requireCustody(long broker, Partition partition) {
    Keeper keeper = custodies.get(partition);
    if (keeper == null || !isNumber(keeper.broker(), broker)) {
      throw new IllegalStateException(
          "%s writes to %s, which is not its own".formatted(brokers.get(broker), partition));
    }
  }

  private void refuseDuplicates(JournalGroup group) {
    Set<Long> duplicates = new LinkedHashSet<>();
    for (StoredActivation row : group.changes().inserted()) {
      if (isStored(row)) {
        duplicates.add(row.key());
      }
    }
    if (!duplicates.isEmpty()) {
      throw new JournalException.Duplicates("ids are stored already", null, duplicates);
    }
  }

  private boolean isStored(StoredActivation row) {
    return image.rows.values().stream()
        .anyMatch(
            other ->
                other.activation().id().equals(row.activation().id())
                    && other.activation().isBadRecord() == row.activation().isBadRecord()
                    && other.key() != row.key());
  }

  /** Rows in the custody of this broker, by key. */
  boolean isOwn(long broker, StoredActivation row) {
    Keeper keeper = custodies.get(row.activation().partition());
    return keeper != null && isNumber(keeper.broker(), broker);
  }

  // ---------------------------------------------------------------- orders

  private static String nameOf(StandingOrder order, String broker) {
    return switch (order.reach()) {
      case EVERYBODY -> order.name();
      case OWN -> own(broker) + order.name();
    };
  }

  /** Before the names of a broker's own orders. */
  private static String own(String broker) {
    return OWN + broker + "/";
  }

  /** What a broker finds when it begins. */
  Map<String, String> orders(long broker) {
    Map<String, String> found = new TreeMap<>(ordersOfAll());
    String own = own(member(broker).name());
    image.orders.forEach(
        (name, text) -> {
          if (name.startsWith(own)) {
            found.put(name.substring(own.length()), text);
          }
        });
    return found;
  }

  private Map<String, String> ordersOfAll() {
    Map<String, String> found = new TreeMap<>(image.orders);
    found.keySet().removeIf(name -> name.startsWith(OWN));
    return found;
  }

  // ---------------------------------------------------------------- custody

  Beat beat(long broker, Set<String> topics, Moment now) {
    Member member = member(broker);
    brokers.put(broker, new Member(member.name(), member.lastGroup(), null, now, topics));
    List<Silent> silent = new ArrayList<>();
    brokers.forEach(
        (number, other) -> {
          if (isSilent(other, now)) {
            silent.add(new Silent(number, other.name(), now.since(other.beatAt())));
          }
        });
    return new Beat(wanted(broker), free(now), silent, ordersOfAll());
  }

  private static boolean isSilent(Member member, Moment now) {
    return member.deposed() == null && now.since(member.beatAt()).compareTo(Custody.SILENCE) >= 0;
  }

  private List<Free> free(Moment now) {
    List<Free> free = new ArrayList<>();
    custodies.forEach(
        (partition, keeper) -> {
          long rows =
              image.rows.values().stream()
                  .filter(row -> row.activation().partition().equals(partition))
                  .count();
          if (keeper.broker() == null && rows > 0) {
            free.add(
                new Free(partition, now.since(keeper.freeSince()), rows, isRead(partition, now)));
          }
        });
    return free;
  }

  private boolean isRead(Partition partition, Moment now) {
    return brokers.values().stream()
        .anyMatch(
            member ->
                member.deposed() == null
                    && !isSilent(member, now)
                    && member.topics().contains(partition.topic()));
  }

  List<Held> take(long broker, Collection<Partition> partitions, Moment now) {
    Member _ = member(broker);
    List<Held> held = new ArrayList<>();
    for (Partition partition : partitions) {
      Keeper keeper = custodies.getOrDefault(partition, new Keeper(null, now, null));
      if (keeper.broker() == null) {
        Long wantedBy = isNumber(keeper.wantedBy(), broker) ? null : keeper.wantedBy();
        keeper = new Keeper(broker, now, wantedBy);
        custodies.put(partition, keeper);
      }
      if (isNumber(keeper.broker(), broker)) {
        held.add(new Held(partition, image.positions.get(partition)));
      }
    }
    return held;
  }

  List<Kept> ask(long broker, Collection<Partition> partitions, Moment now) {
    Member _ = member(broker);
    List<Kept> kept = new ArrayList<>();
    for (Partition partition : partitions) {
      Keeper keeper = custodies.get(partition);
      if (keeper != null && keeper.broker() != null && keeper.broker() != broker) {
        custodies.put(partition, new Keeper(keeper.broker(), keeper.freeSince(), broker));
        Member owner = brokers.get(keeper.broker());
        if (owner != null) {
          kept.add(new Kept(partition, owner.name(), now.since(owner.beatAt())));
        }
      }
    }
    return kept;
  }

  void withdraw(long broker, Collection<Partition> partitions) {
    Member _ = member(broker);
    for (Partition partition : partitions) {
      Keeper keeper = custodies.get(partition);
      if (keeper != null && isNumber(keeper.wantedBy(), broker)) {
        custodies.put(partition, new Keeper(keeper.broker(), keeper.freeSince(), null));
      }
    }
  }

  Set<Partition> wanted(long broker) {
    Member _ = member(broker);
    Set<Partition> wanted = new LinkedHashSet<>();
    custodies.forEach(
        (partition, keeper) -> {
          if (isNumber(keeper.broker(), broker) && keeper.wantedBy() != null) {
            wanted.add(partition);
          }
        });
    return wanted;
  }

  Set<Partition> wanted() {
    Set<Partition> wanted = new LinkedHashSet<>();
    custodies.forEach(
        (partition, keeper) -> {
          if (keeper.wantedBy() != null) {
            wanted.add(partition);
          }
        });
    return wanted;
  }

  boolean depose(long by, long broker, Moment now) {
    Member judge = member(by);
    Member member = brokers.get(broker);
    if (member == null || !isSilent(member, now)) {
      return false;
    }
    end(broker, member, judge.name(), now);
    return true;
  }

  private void end(long broker, Member member, String judge, Moment now) {
    String deposed = "deposed by %s at %d ms".formatted(judge, now.wallMs());
    brokers.put(
        broker, new Member(member.name(), member.lastGroup(), deposed, member.beatAt(), Set.of()));
    free(broker, now);
  }

  /** All brokers of this name. */
  void depose(String name, Moment now) {
    new TreeMap<>(brokers)
        .forEach(
            (broker, member) -> {
              if (member.name().equals(name) && member.deposed() == null) {
                end(broker, member, "an onlooker", now);
              }
            });
  }

  List<StoredActivation> page(long broker, Partition partition, long after, int most) {
    Member _ = member(broker);
    Keeper keeper = custodies.get(partition);
    if (keeper == null || !isNumber(keeper.broker(), broker)) {
      throw new JournalException.NothingChanged(partition + " is not ours", null);
    }
    return image.rows.tailMap(after, false).values().stream()
        .filter(row -> row.activation().partition().equals(partition))
        .limit(most)
        .toList();
  }

  long reserveKeys(long broker, int count) {
    Member _ = member(broker);
    long first = lastKey + 1;
    lastKey += count;
    return first;
  }

  // ---------------------------------------------------------------- reports

  List<Boolean> leave(long broker, List<Report> left) {
    Member _ = member(broker);
    List<Boolean> known = new ArrayList<>(left.size());
    for (Report report : left) {
      StoredActivation row = unfinished(report.id());
      known.add(row != null);
      if (row != null) {
        lastReport++;
        reports.put(
            lastReport, new Left(lastReport, row.activation().partition(), row.key(), report));
      }
    }
    return known;
  }

  private @Nullable StoredActivation unfinished(String id) {
    for (StoredActivation row : image.rows.values()) {
      if (row.activation().id().equals(id)
          && !row.activation().isBadRecord()
          && !(row.state() instanceof Completed)) {
        return row;
      }
    }
    return null;
  }

  List<Left> left(long broker, Collection<Partition> partitions, int most) {
    Member _ = member(broker);
    return reports.values().stream()
        .filter(report -> partitions.contains(report.partition()))
        .limit(most)
        .toList();
  }

  /** All reports that were left and not settled; for those who look on. */
  List<Left> reports() {
    return List.copyOf(reports.values());
  }

  /** Whether all brokers of this name are deposed, or have left; for those who look on. */
  boolean isGone(String name) {
    return brokers.values().stream()
        .noneMatch(member -> member.name().equals(name) && member.deposed() == null);
  }

  /** The last group of each broker that is not deposed, by name; for those who look on. */
  Map<String, Long> lastGroups() {
    Map<String, Long> groups = new LinkedHashMap<>();
    brokers.values().stream()
        .filter(member -> member.deposed() == null)
        .forEach(member -> groups.put(member.name(), member.lastGroup()));
    return groups;
  }

  /** Who has which partition, by name; for those who look on. */
  Map<Partition, String> owners() {
    Map<Partition, String> owners = new LinkedHashMap<>();
    custodies.forEach(
        (partition, keeper) -> {
          Member member = keeper.broker() == null ? null : brokers.get(keeper.broker());
          if (member != null) {
            owners.put(partition, member.name());
          }
        });
    return owners;
  }
}
