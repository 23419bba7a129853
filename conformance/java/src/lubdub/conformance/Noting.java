package lubdub.conformance;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.cloud.netflix.eureka.http.EurekaClientHttpRequestFactorySupplier;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.client.ClientHttpRequest;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.ClientHttpResponse;

/** Notes each request of the client to the registry, like {@code PUT apps/ORDERS/orders-1 200}, and changes none. */
final class Noting implements BeanPostProcessor {
    private final String server;
    private final CountDownLatch registered = new CountDownLatch(1);
    private List<String> noted = new ArrayList<>();

    Noting(String server) {
        this.server = server + "/eureka/";
    }

    /** What was asked since this was asked last. */
    synchronized List<String> take() {
        List<String> before = noted;
        noted = new ArrayList<>();
        return before;
    }

    /** Returns when the client has been told that it is registered. */
    void awaitRegistration() throws InterruptedException {
        registered.await();
    }

    /** The client's own factory of requests, wrapped. */
    @Override
    public Object postProcessAfterInitialization(Object bean, String name) {
        if (!(bean instanceof EurekaClientHttpRequestFactorySupplier supplier)) {
            return bean;
        }
        return (EurekaClientHttpRequestFactorySupplier) (context, verifier) -> {
            ClientHttpRequestFactory factory = supplier.get(context, verifier);
            return (uri, method) -> new Noted(factory.createRequest(uri, method));
        };
    }

    private synchronized void note(HttpMethod method, URI uri, String end) {
        String path = uri.toString();
        path = path.startsWith(server) ? path.substring(server.length()) : path;
        noted.add(method + " " + path.split("\\?")[0] + " " + end);
        if (method == HttpMethod.POST && end.equals("204")) {
            registered.countDown();
        }
    }

    private final class Noted implements ClientHttpRequest {
        private final ClientHttpRequest request;

        private Noted(ClientHttpRequest request) {
            this.request = request;
        }

        @Override
        public ClientHttpResponse execute() throws IOException {
            ClientHttpResponse response;
            try {
                response = request.execute();
            } catch (IOException fault) {
                note(getMethod(), getURI(), "failed");
                throw fault;
            }
            note(getMethod(), getURI(), String.valueOf(response.getStatusCode().value()));
            return response;
        }

        @Override
        public OutputStream getBody() throws IOException {
            return request.getBody();
        }

        @Override
        public HttpMethod getMethod() {
            return request.getMethod();
        }

        @Override
        public URI getURI() {
            return request.getURI();
        }

        @Override
        public Map<String, Object> getAttributes() {
            return request.getAttributes();
        }

        @Override
        public HttpHeaders getHeaders() {
            return request.getHeaders();
        }
    }
}
