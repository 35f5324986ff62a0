package jp.example.shop;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.net.URI;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.security.config.Customizer;
import org.springframework.security.config.annotation.web.builders.HttpSecurity;
import org.springframework.security.oauth2.client.oidc.web.logout.OidcClientInitiatedLogoutSuccessHandler;
import org.springframework.security.oauth2.client.registration.ClientRegistrationRepository;
import org.springframework.security.oauth2.client.web.DefaultOAuth2AuthorizationRequestResolver;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestCustomizers;
import org.springframework.security.oauth2.client.web.OAuth2AuthorizationRequestResolver;
import org.springframework.security.oauth2.core.endpoint.OAuth2AuthorizationRequest;
import org.springframework.security.web.SecurityFilterChain;
import org.springframework.security.web.authentication.SavedRequestAwareAuthenticationSuccessHandler;
import org.springframework.web.servlet.support.ServletUriComponentsBuilder;

/** Sign-in, single logout both ways, and sign-ins that the unified login begins. */
@Configuration
class SecurityConfig {
    private static final String TARGET = "hitokagi.target";

    @Bean
    SecurityFilterChain security(HttpSecurity http, ClientRegistrationRepository clients) throws Exception {
        // Leaving here ends the unified session, and with it every console's (RP-Initiated Logout).
        var leaving = new OidcClientInitiatedLogoutSuccessHandler(clients);
        leaving.setPostLogoutRedirectUri("{baseUrl}/");
        return http
            .authorizeHttpRequests(requests -> requests.anyRequest().authenticated())
            .oauth2Login(login -> login
                .authorizationEndpoint(endpoint -> endpoint.authorizationRequestResolver(entrance(clients)))
                .successHandler(landing()))
            .logout(logout -> logout.logoutSuccessHandler(leaving))
            // Registered as the logout address: /logout/connect/back-channel/hitokagi
            .oidcLogout(logout -> logout.backChannel(Customizer.withDefaults()))
            .build();
    }

    /** Spring's own start of a sign-in, with PKCE; registered as the sign-in address: /oauth2/authorization/hitokagi (OpenID Connect Core, section 4). */
    private OAuth2AuthorizationRequestResolver entrance(ClientRegistrationRepository clients) {
        var standard = new DefaultOAuth2AuthorizationRequestResolver(clients, "/oauth2/authorization");
        standard.setAuthorizationRequestCustomizer(OAuth2AuthorizationRequestCustomizers.withPkce());
        var issuer = clients.findByRegistrationId("hitokagi").getProviderDetails().getIssuerUri();
        return new OAuth2AuthorizationRequestResolver() {
            @Override
            public OAuth2AuthorizationRequest resolve(HttpServletRequest request) {
                return begun(request, standard.resolve(request));
            }

            @Override
            public OAuth2AuthorizationRequest resolve(HttpServletRequest request, String registrationId) {
                return begun(request, standard.resolve(request, registrationId));
            }

            private OAuth2AuthorizationRequest begun(HttpServletRequest request, OAuth2AuthorizationRequest found) {
                if (found == null) return null;
                var iss = request.getParameter("iss");
                // Begun by somebody else's login server: not ours to follow.
                if (iss != null && !iss.equals(issuer)) return null;
                var target = pathHere(request, request.getParameter("target_link_uri"));
                if (target != null) request.getSession().setAttribute(TARGET, target);
                return found;
            }
        };
    }

    /** To the page that was asked for, to the target of a sign-in that the unified login began, or to the first page. */
    private SavedRequestAwareAuthenticationSuccessHandler landing() {
        return new SavedRequestAwareAuthenticationSuccessHandler() {
            @Override
            protected String determineTargetUrl(HttpServletRequest request, HttpServletResponse response) {
                var target = (String) request.getSession().getAttribute(TARGET);
                request.getSession().removeAttribute(TARGET);
                return target == null ? "/" : target;
            }
        };
    }

    /** The path of an address on this very origin; null for every other one. */
    private static String pathHere(HttpServletRequest request, String address) {
        if (address == null || address.length() > 1000) return null;
        try {
            var origin = ServletUriComponentsBuilder.fromContextPath(request).build().toUriString();
            var uri = new URI(address);
            var path = uri.getRawPath() + (uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery());
            return address.equals(origin + path) && path.startsWith("/") && !path.startsWith("//") ? path : null;
        } catch (java.net.URISyntaxException malformed) {
            return null;
        }
    }
}
