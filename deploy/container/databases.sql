create database sms_console;
