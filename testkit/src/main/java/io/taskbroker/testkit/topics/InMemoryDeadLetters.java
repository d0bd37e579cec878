package io.taskbroker.testkit.topics;

import io.taskbroker.application.intake.SourceRecord;
import io.taskbroker.application.letters.DeadLetterTopic;
import io.taskbroker.application.letters.LetterException;
import io.taskbroker.application.letters.LetterPosition;
import io.taskbroker.domain.Partition;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A dead-letter topic among {@link InMemoryTopics}. All that are opened over one {@link Shelf} see
 * the same marks, as brokers do. Safe for all threads.
 */
public final class InMemoryDeadLetters implements DeadLetterTopic {
  private static final int AT_ONCE = 500;

  private final InMemoryTopics topics;
  private final String name;
  private final Shelf shelf;

  /** What outlives a broker. */
  public static final class Shelf {
    private final Set<LetterPosition> handled = new TreeSet<>();
    private @Nullable String note;
    private int owner;

    private synchronized int take() {
      owner++;
      return owner;
    }

    private synchronized boolean contains(LetterPosition at) {
      return handled.contains(at);
    }

    private synchronized Optional<String> note() {
      return Optional.ofNullable(note);
    }
  }

  public InMemoryDeadLetters(InMemoryTopics topics, String name, Shelf shelf) {
    this.topics = topics;
    this.name = name;
    this.shelf = shelf;
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Extent extent() {
    Map<Integer, Span> spans = new TreeMap<>();
    for (Partition partition : topics.partitions(name)) {
      spans.put(
          partition.number(), new Span(0, topics.read(partition, 0, Integer.MAX_VALUE / 2).size()));
    }
    return new Extent("the only one", spans);
  }

  @Override
  public Reading reading() {
    return new Reading() {
      @Override
      public List<SourceRecord> read(int partition, long from, long to) {
        long many = Math.min(AT_ONCE, Math.max(0, to - from));
        return topics.read(new Partition(name, partition), from, (int) many);
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public Marks marks() {
    return new Marks() {
      @Override
      public boolean contains(LetterPosition at) {
        return shelf.contains(at);
      }

      @Override
      public Optional<String> note() {
        return shelf.note();
      }
    };
  }

  @Override
  public Hand take() {
    int mine = shelf.take();
    return new Hand() {
      @Override
      public void handle(List<Handling> some, String note) {
        synchronized (shelf) {
          if (shelf.owner != mine) {
            throw new LetterException.TakenOver(new IllegalStateException("taken by another"));
          }
          for (Handling one : some) {
            shelf.handled.add(one.at());
            Resent again = one.again();
            if (again != null) {
              topics.append(again.topic(), null, again.value(), again.headers());
            }
          }
          shelf.note = note;
        }
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void close() {}
}
