/** @module Headers that tell browsers what pages of the dashboard may do, and where its cookies may go. */
import type { MiddlewareHandler } from "hono";
import { NONCE, secureHeaders } from "hono/secure-headers";

/** @param isSecure whether browsers reach the dashboard by HTTPS only */
export function securityHeaders(isSecure: boolean): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'", NONCE],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", "blob:", "data:"],
      connectSrc: ["'self'"],
      fontSrc: ["'self'"],
      workerSrc: ["'self'"],
      frameAncestors: ["'none'"],
      baseUri: ["'none'"],
      formAction: ["'self'"],
    },
    crossOriginOpenerPolicy: "same-origin",
    crossOriginResourcePolicy: "same-origin",
    crossOriginEmbedderPolicy: "require-corp",
    referrerPolicy: "no-referrer",
    xContentTypeOptions: "nosniff",
    xFrameOptions: "DENY",
    xXssProtection: false,
    permissionsPolicy: {
      camera: [],
      microphone: [],
      geolocation: [],
      payment: [],
      usb: [],
    },
    strictTransportSecurity: isSecure ? "max-age=31536000" : false,
  });
}

/** Every cookie says where it may be sent from: browsers differ in what they take for unsaid. */
export function cookieFlags(): MiddlewareHandler {
  return async (c, next) => {
    await next();
    const cookies = c.res.headers.getSetCookie();
    if (cookies.every((cookie) => SAME_SITE.test(cookie))) return;
    c.res.headers.delete("Set-Cookie");
    for (const cookie of cookies) {
      c.res.headers.append(
        "Set-Cookie",
        SAME_SITE.test(cookie) ? cookie : `${cookie}; SameSite=Lax`,
      );
    }
  };
}

const SAME_SITE = /;\s*SameSite=/i;
