package io.taskbroker.inflight;

import io.taskbroker.domain.Ordered;
import io.taskbroker.domain.Partition;
import io.taskbroker.inflight.engine.StoredActivation;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which partitions' rows are this broker's, in a journal that several brokers share.
 *
 * <p>A partition is in the custody of one broker at a time, or of none. Only that broker reads and
 * writes its rows. A broker is one process: it gets a number when it opens the journal, and that
 * number is never used again. It keeps its custodies by a {@link #beat} every two seconds. One that
 * has not beaten for {@link #SILENCE} can be {@linkplain #depose deposed}: all its custodies are
 * free then, and everything it tries to write fails with {@link JournalException.Deposed}, even a
 * group that it has begun.
 *
 * <p>All times are by the journal's own clock. No two brokers' clocks are compared.
 *
 * <p>All methods block on I/O. {@link #beat} is called by one thread, and the others by a second
 * one, beside each other and beside the store's writer. Each may throw {@link
 * JournalException.NothingChanged}, or {@link JournalException.Unknown}; both are followed by the
 * same call again. Each throws {@link JournalException.Deposed} once this broker is deposed.
 */
public interface Custody {
  /** How long a partition with rows is left to those who read it, unless the journal says more. */
  Duration ORPHANED = Duration.ofSeconds(60);

  /** After this time without a beat, others may depose a broker. */
  Duration SILENCE = Duration.ofSeconds(10);

  /** How long a partition with rows may be free before a broker takes it that does not read it. */
  Duration orphanedAfter();

  /**
   * Says that this broker lives.
   *
   * @param topics that this broker reads; for {@link Free#hasReader} at other brokers
   * @return what concerns custody, as of this call
   * @throws JournalException.Outdated if groups that this broker had written before this call are
   *     lost, so that an idle broker finds out, too
   */
  Beat beat(Set<String> topics);

  /**
   * Takes those of these partitions that are in nobody's custody. A partition that nobody has heard
   * of is entered, and taken. What this broker has already, and what another has, is left as it is.
   *
   * @return those of {@code partitions} that are in this broker's custody now, newly taken or not.
   *     That survives a power cut
   */
  List<Held> take(Collection<Partition> partitions);

  /**
   * Records that this broker wants these partitions, which others have. The last broker to want one
   * counts. What is free or this broker's already is left as it is. Called again and again until
   * the partitions are here, so it is cheap where it changes nothing.
   *
   * @return those of {@code partitions} that other brokers have
   */
  List<Kept> ask(Collection<Partition> partitions);

  /** This broker wants none of these any more. What it has of them it keeps. */
  void withdraw(Collection<Partition> partitions);

  /** The partitions in this broker's custody that another broker wants. Cheap. */
  Set<Partition> wanted();

  /**
   * Deposes a broker if it still has not beaten for {@link #SILENCE}: frees all its custodies, and
   * forgets what it wants. Waits for a group that it is writing, or breaks that off. The one who
   * calls it has beaten without a gap for {@link #SILENCE} himself.
   *
   * @param broker number from {@link Beat#silent}
   * @return false if it has beaten again, or is deposed already
   */
  boolean depose(long broker);

  /**
   * A piece of the rows of a partition in this broker's custody, without payloads, by ascending
   * keys. Contains what earlier owners have written, and nothing that they may still write. What
   * cannot be read is left out, and the journal tells people about it.
   *
   * @param after key that the piece begins after; 0 for the first
   * @param most rows; fewer are returned only by the last piece
   */
  List<StoredActivation> page(Partition partition, long after, int most);

  /**
   * Rows that programs of another kind have left for these partitions, whose custody this broker
   * has, since their pages were read. They are this broker's from now on. A row is returned by one
   * call only, and if a call fails by the next one.
   *
   * @return rows of one partition by ascending keys; at most some hundreds, so that everything else
   *     goes on between two calls; empty if there are none. Partitions take turns
   */
  List<StoredActivation> late(Collection<Partition> partitions);

  /**
   * What a beat finds.
   *
   * @param wanted as {@link Custody#wanted}
   * @param free partitions with rows that are in nobody's custody
   * @param silent brokers that have not beaten for {@link #SILENCE}, and are not deposed
   * @param orders all standing orders that hold for everybody, by name
   */
  record Beat(
      Set<Partition> wanted, List<Free> free, List<Silent> silent, Map<String, String> orders) {
    public static final Beat OF_NOTHING = new Beat(Set.of(), List.of(), List.of(), Map.of());

    public Beat {
      wanted = Ordered.copyOf(wanted);
      free = List.copyOf(free);
      silent = List.copyOf(silent);
      orders = Ordered.copyOf(orders);
    }
  }

  /**
   * A partition in nobody's custody, with rows.
   *
   * @param since how long it has been free
   * @param rows about how many it has
   * @param hasReader whether a broker that beats reads the topic
   */
  record Free(Partition partition, Duration since, long rows, boolean hasReader) {}

  /**
   * A broker that does not beat.
   *
   * @param name for people
   * @param since its last beat
   */
  record Silent(long broker, String name, Duration since) {}

  /**
   * A partition that another broker has.
   *
   * @param owner that broker, for people
   * @param silence how long ago it has beaten
   */
  record Kept(Partition partition, String owner, Duration silence) {}

  /**
   * A partition in this broker's custody.
   *
   * @param position up to which Kafka has acknowledged the group's commits, as its owners have
   *     written in {@link io.taskbroker.inflight.engine.Changes#positions}; null if they have
   *     written none
   */
  record Held(Partition partition, @Nullable Long position) {}
}
