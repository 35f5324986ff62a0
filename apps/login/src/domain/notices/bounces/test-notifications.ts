/** Delivery status notifications as mail servers really write them, about a mail of ours. */
export type About = {
  messageId: string;
  address: string;
  action?: 'failed' | 'delayed' | 'delivered';
  status?: string;
};

/** Postfix: the whole mail is returned. */
export function postfix({ messageId, address, action = 'failed', status = '5.1.1' }: About): Buffer {
  return lines(`Return-Path: <>
Received: by mx1.example.co.jp (Postfix)
	id 4Cx2Y81; Sun, 22 Nov 2026 10:00:03 +0900 (JST)
Date: Sun, 22 Nov 2026 10:00:03 +0900 (JST)
From: MAILER-DAEMON@mx1.example.co.jp (Mail Delivery System)
Subject: ${action === 'delayed' ? 'Delayed Mail (still being retried)' : 'Undelivered Mail Returned to Sender'}
To: no-reply@login.example.co.jp
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
	boundary="4Cx2Y82.1605996003/mx1.example.co.jp"
Message-Id: <20261122010003.4Cx2Y81@mx1.example.co.jp>

This is a MIME-encapsulated message.

--4Cx2Y82.1605996003/mx1.example.co.jp
Content-Description: Notification
Content-Type: text/plain; charset=us-ascii

This is the mail system at host mx1.example.co.jp.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients.

<${address}>: host mail.example.co.jp[192.0.2.25] said: 550 5.1.1
    <${address}>: Recipient address rejected: User unknown (in reply to
    RCPT TO command)

--4Cx2Y82.1605996003/mx1.example.co.jp
Content-Description: Delivery report
Content-Type: message/delivery-status

Reporting-MTA: dns; mx1.example.co.jp
X-Postfix-Queue-ID: 4Cx2Y81
X-Postfix-Sender: rfc822; no-reply@login.example.co.jp
Arrival-Date: Sun, 22 Nov 2026 10:00:01 +0900 (JST)

Final-Recipient: rfc822; ${address}
Original-Recipient: rfc822;${address}
Action: ${action}
Status: ${status}
Remote-MTA: dns; mail.example.co.jp
Diagnostic-Code: smtp; 550 5.1.1 <${address}>: Recipient address rejected:
    User unknown

--4Cx2Y82.1605996003/mx1.example.co.jp
Content-Description: Undelivered Message
Content-Type: message/rfc822

Received: from login.example.co.jp (login.example.co.jp [192.0.2.10])
	by mx1.example.co.jp (Postfix) with ESMTPS id 4Cx2Y81
From: no-reply@login.example.co.jp
To: ${address}
Subject: =?UTF-8?B?44CQ6YeN6KaB44CR?=
Message-ID: ${messageId}
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

Hello

--4Cx2Y82.1605996003/mx1.example.co.jp--
`);
}

/** Exchange Online: HTML explanation in Japanese, the mail returned, no Original-Recipient. */
export function exchange({ messageId, address, action = 'failed', status = '5.1.10' }: About): Buffer {
  return lines(`From: Microsoft Outlook
 <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@tenant.example.co.jp>
To: <no-reply@login.example.co.jp>
Date: Sun, 22 Nov 2026 01:00:05 +0000
Content-Type: multipart/report; report-type=delivery-status;
	boundary="7fa04c5c-ea1c-4d3f-b7ff-0a3f8b5b7b4a"
X-MS-Exchange-Message-Is-Ndr:
Content-Language: ja-JP
Message-ID: <1b2c3d@TYAPR01MB0001.apcprd01.prod.outlook.example.co.jp>
In-Reply-To: ${messageId}
References: ${messageId}
Subject: =?utf-8?B?6YWN5L+h5LiN6IO9OiDjgJDph43opoHjgJE=?=
Auto-Submitted: auto-replied
MIME-Version: 1.0

--7fa04c5c-ea1c-4d3f-b7ff-0a3f8b5b7b4a
Content-Type: multipart/alternative; differences=Content-Type;
	boundary="53a9a5d9-5b7d-4a8c-8d3b-b1c5e7a3e1f0"

--53a9a5d9-5b7d-4a8c-8d3b-b1c5e7a3e1f0
Content-Type: text/plain; charset="utf-8"
Content-Transfer-Encoding: base64

6YWN5L+h44Gn44GN44G+44Gb44KT44Gn44GX44Gf44CC

--53a9a5d9-5b7d-4a8c-8d3b-b1c5e7a3e1f0
Content-Type: text/html; charset="utf-8"

<html><body><p>undeliverable</p></body></html>

--53a9a5d9-5b7d-4a8c-8d3b-b1c5e7a3e1f0--

--7fa04c5c-ea1c-4d3f-b7ff-0a3f8b5b7b4a
Content-Type: message/delivery-status

Reporting-MTA: dns;TYAPR01MB0001.apcprd01.prod.outlook.example.co.jp
Received-From-MTA: dns;login.example.co.jp
Arrival-Date: Sun, 22 Nov 2026 01:00:04 +0000

Final-Recipient: rfc822;${address}
Action: ${action}
Status: ${status}
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ${address} not found by SMTP address lookup

--7fa04c5c-ea1c-4d3f-b7ff-0a3f8b5b7b4a
Content-Type: message/rfc822

From: no-reply@login.example.co.jp
To: ${address}
Subject: x
Message-ID: ${messageId}
MIME-Version: 1.0
Content-Type: text/plain

Hello

--7fa04c5c-ea1c-4d3f-b7ff-0a3f8b5b7b4a--
`);
}

/** The way of a large free mail service: related parts round the text, headers only returned, angle brackets round the address. */
export function headersOnly({ messageId, address, action = 'failed', status = '5.2.2' }: About): Buffer {
  return lines(`Return-Path: <>
From: Mail Delivery Subsystem <mailer-daemon@mail.example.com>
To: no-reply@login.example.co.jp
Auto-Submitted: auto-replied
Subject: Delivery Status Notification (Failure)
References: ${messageId}
In-Reply-To: ${messageId}
X-Failed-Recipients: ${address}
Message-ID: <5fb9a1b3.1c69fb81.9a2.GMR@mail.example.com>
Date: Sat, 21 Nov 2026 17:00:06 -0800 (PST)
MIME-Version: 1.0
Content-Type: multipart/report; boundary="0000000000009a2c3f05b4a5d6e7"; report-type=delivery-status

--0000000000009a2c3f05b4a5d6e7
Content-Type: multipart/related; boundary="0000000000009a2c4005b4a5d6e8"

--0000000000009a2c4005b4a5d6e8
Content-Type: multipart/alternative; boundary="0000000000009a2c4105b4a5d6e9"

--0000000000009a2c4105b4a5d6e9
Content-Type: text/plain; charset="UTF-8"

** Mailbox full **

--0000000000009a2c4105b4a5d6e9--

--0000000000009a2c4005b4a5d6e8--

--0000000000009a2c3f05b4a5d6e7
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.com
Arrival-Date: Sat, 21 Nov 2026 17:00:05 -0800 (PST)
X-Original-Message-ID: ${messageId}

Final-Recipient: rfc822; <${address}>
Action: ${action}
Status: ${status}
Diagnostic-Code: smtp; 552-5.2.2 The recipient's inbox is out of storage space.
Last-Attempt-Date: Sat, 21 Nov 2026 17:00:06 -0800 (PST)

--0000000000009a2c3f05b4a5d6e7
Content-Type: text/rfc822-headers

Message-ID: ${messageId}
From: no-reply@login.example.co.jp
To: ${address}
Subject: x

--0000000000009a2c3f05b4a5d6e7--
`);
}

function lines(text: string): Buffer {
  return Buffer.from(text.replaceAll('\n', '\r\n'));
}
