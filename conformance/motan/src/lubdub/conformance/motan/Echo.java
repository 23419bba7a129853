package lubdub.conformance.motan;

/** What is provided and called. */
public interface Echo {
    /** The same text. */
    String echo(String text);
}
