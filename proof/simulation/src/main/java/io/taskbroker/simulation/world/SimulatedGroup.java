package io.taskbroker.simulation.world;

import io.taskbroker.domain.Partition;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The group's coordinator, with eager assignments: at a rebalance every member gives up all it has
 * and joins again; who does not in time is out. A broker has one member for each topic.
 */
final class SimulatedGroup {
  private static final Duration SESSION = Duration.ofSeconds(3);
  private static final Duration REBALANCE = Duration.ofSeconds(6);

  private final World world;
  private final Map<SimulatedSource, Member> members = new LinkedHashMap<>();
  private int generation;
  private boolean isStable = true;

  /**
   * What a member has been given.
   *
   * @param generation of the group, by which one share differs from the next of the same partitions
   */
  record Share(int generation, List<Partition> partitions) {}

  private static final class Member {
    int joined = -1;
    @Nullable List<Partition> assigned;
  }

  SimulatedGroup(World world) {
    this.world = world;
  }

  boolean has(SimulatedSource source) {
    return members.containsKey(source);
  }

  /** Begins, or takes part in, a rebalance. */
  void join(SimulatedSource source) {
    boolean isNew = !members.containsKey(source);
    Member member = members.computeIfAbsent(source, _ -> new Member());
    if (isNew) {
      rebalance();
    }
    member.joined = generation;
    member.assigned = null;
    completeIfAllJoined();
  }

  void leave(SimulatedSource source) {
    if (members.remove(source) != null) {
      rebalance();
    }
  }

  /** The source says nothing any more: it is out when its session ends. */
  void fallsSilent(SimulatedSource source) {
    world
        .scheduler()
        .after(
            SESSION,
            () -> {
              if (source.isSilent()) {
                leave(source);
              }
            });
  }

  void rebalance() {
    generation++;
    isStable = false;
    int begun = generation;
    world.history().say("kafka", "the group rebalances, generation %d", generation);
    world
        .scheduler()
        .after(
            REBALANCE,
            () -> {
              if (!isStable && generation == begun) {
                members.values().removeIf(member -> member.joined != generation);
                complete();
              }
            });
    completeIfAllJoined();
  }

  private void completeIfAllJoined() {
    if (!isStable && members.values().stream().allMatch(member -> member.joined == generation)) {
      complete();
    }
  }

  private void complete() {
    isStable = true;
    members.values().forEach(member -> member.assigned = new ArrayList<>());
    world.kafka().consumed().forEach(this::assign);
  }

  private void assign(String topic) {
    List<Member> readers = new ArrayList<>();
    members.forEach(
        (source, member) -> {
          if (source.topic().equals(topic)) {
            readers.add(member);
          }
        });
    if (readers.isEmpty()) {
      return;
    }
    int first = world.dice().roll(readers.size(), "assignment of " + topic, generation);
    for (Partition partition : world.kafka().partitions(topic)) {
      List<Partition> share = readers.get((first + partition.number()) % readers.size()).assigned;
      if (share != null) {
        share.add(partition);
      }
    }
  }

  /** Whether the member has to give up what it has, and to join again. */
  boolean isRebalancing(SimulatedSource source) {
    Member member = members.get(source);
    return member != null && member.joined != generation;
  }

  /** What the member has been given in the rebalance that it joined; null while that lasts. */
  @Nullable Share assigned(SimulatedSource source) {
    Member member = members.get(source);
    return member == null || member.joined != generation || member.assigned == null
        ? null
        : new Share(generation, List.copyOf(member.assigned));
  }

  /** Whether a commit of positions that were read in this share of the member is taken. */
  boolean takesCommit(SimulatedSource source, Share share) {
    Member member = members.get(source);
    return member != null && member.assigned != null && member.joined == share.generation();
  }
}
