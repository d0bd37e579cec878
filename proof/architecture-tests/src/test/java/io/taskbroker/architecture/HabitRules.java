package io.taskbroker.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.NullMarked;

/** How code behaves, whatever it is about. */
final class HabitRules {
  /** Names that say how a class was made and not what it is. */
  private static final Pattern EMPTY_NAME =
      Pattern.compile(".*(Impl|Manager|Helper|Utils?|Dto|DTO)|Base[A-Z].*|I[A-Z][a-z].*Port");

  private HabitRules() {}

  static Map<String, ArchRule> under(String root) {
    Map<String, ArchRule> rules = new LinkedHashMap<>();
    rules.put("time is handed in", timeIsHandedIn(root));
    rules.put("threads have an owner and a name", threadsHaveAnOwnerAndAName(root));
    rules.put("nobody writes to the console", nobodyWritesToTheConsole(root));
    rules.put("null is marked", nullIsMarked(root));
    rules.put("public classes are final", classesAreFinal(root));
    rules.put("names say what a thing is", namesSayWhatAThingIs(root));
    return rules;
  }

  private static String[] serving(String root) {
    return new String[] {
      root + ".domain..", root + ".application..", root + ".inflight..", root + ".adapters.."
    };
  }

  private static ArchRule timeIsHandedIn(String root) {
    return noClasses()
        .that()
        .resideInAnyPackage(serving(root))
        .and(DescribedPredicate.not(Waiting.systemThreads(root)))
        .should()
        .accessTargetWhere(Clocks.ARE_READ)
        .because("a test must be able to say what time it is");
  }

  private static ArchRule threadsHaveAnOwnerAndAName(String root) {
    return noClasses()
        .that()
        .resideInAnyPackage(serving(root))
        .or()
        .resideInAPackage(root + ".bootstrap..")
        .should()
        .accessTargetWhere(Threads.OF_NOBODY)
        .orShould(Threads.START_NAMELESS)
        .because("a thread dump must be readable, and every thread has somebody who ends it");
  }

  private static ArchRule nobodyWritesToTheConsole(String root) {
    return noClasses()
        .that()
        .resideInAnyPackage(serving(root))
        .should()
        .accessTargetWhere(
            DescribedPredicate.describe(
                "the console",
                (JavaAccess<?> access) -> {
                  JavaClass owner = access.getTargetOwner();
                  String name = access.getTarget().getName();
                  return (owner.isEquivalentTo(System.class)
                          && (name.equals("out") || name.equals("err")))
                      || (owner.isAssignableTo(Throwable.class) && name.equals("printStackTrace"));
                }))
        .because("standard output belongs to the command line, and the rest is a log line");
  }

  private static ArchRule nullIsMarked(String root) {
    return classes()
        .that()
        .resideInAPackage(root + "..")
        .and()
        .resideOutsideOfPackages(root + ".proto..", "..jmh_generated..")
        .should(new BeNullMarked())
        .because("without it NullAway looks away");
  }

  private static ArchRule classesAreFinal(String root) {
    return classes()
        .that()
        .resideInAnyPackage(
            root + ".domain..",
            root + ".application..",
            root + ".adapters..",
            root + ".bootstrap..",
            root + ".testkit..")
        .and()
        .arePublic()
        .should(new BeClosed())
        .because("a class that is meant to be extended says so");
  }

  private static ArchRule namesSayWhatAThingIs(String root) {
    return classes()
        .that()
        .resideInAPackage(root + "..")
        .and()
        .resideOutsideOfPackages(root + ".proto..", "..jmh_generated..")
        .and()
        .haveNameNotMatching(".*\\.Dagger[A-Z].*")
        .should(new HaveAName())
        .because("a name that fits everything says nothing");
  }

  private static final class BeNullMarked extends ArchCondition<JavaClass> {
    BeNullMarked() {
      super("be in a package that is @NullMarked");
    }

    @Override
    public void check(JavaClass one, ConditionEvents events) {
      boolean marked = one.getPackage().isAnnotatedWith(NullMarked.class);
      events.add(
          new SimpleConditionEvent(
              one, marked, one.getName() + " is in a package that is not @NullMarked"));
    }
  }

  private static final class BeClosed extends ArchCondition<JavaClass> {
    BeClosed() {
      super("be final, abstract or sealed");
    }

    @Override
    public void check(JavaClass one, ConditionEvents events) {
      boolean closed =
          one.isInterface()
              || one.isEnum()
              || one.isAnonymousClass()
              || one.isSealed()
              || one.getModifiers().contains(JavaModifier.FINAL)
              || one.getModifiers().contains(JavaModifier.ABSTRACT);
      events.add(new SimpleConditionEvent(one, closed, one.getName() + " is open"));
    }
  }

  private static final class HaveAName extends ArchCondition<JavaClass> {
    HaveAName() {
      super("have no name that fits everything");
    }

    @Override
    public void check(JavaClass one, ConditionEvents events) {
      boolean empty = EMPTY_NAME.matcher(one.getSimpleName()).matches();
      events.add(new SimpleConditionEvent(one, !empty, one.getName() + " could be anything"));
    }
  }
}
