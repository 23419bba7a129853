package lubdub.conformance.motan;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** Echoes, and can be told to hang. */
final class Echoing implements Echo {
    private final CountDownLatch released = new CountDownLatch(1);
    private final AtomicInteger hanging = new AtomicInteger();

    /** Who says "hang" is not answered before {@link #release}. */
    @Override
    public String echo(String text) {
        if (text.equals("hang")) {
            hanging.incrementAndGet();
            try {
                released.await();
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
            }
        }
        return text;
    }

    /** How many were told to hang until now. */
    int hanging() {
        return hanging.get();
    }

    void release() {
        released.countDown();
    }
}
